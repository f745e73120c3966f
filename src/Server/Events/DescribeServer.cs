using Halley.Protocol.Settings;

namespace Halley.Server.Events;

/// <summary>What the server says of itself in the greeting of a stream. Who knows it registers one of these.</summary>
internal delegate Task<ServerMetaVersionInfo> DescribeServer(CancellationToken cancellationToken);
