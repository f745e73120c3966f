using Halley.Protocol.Settings;

namespace Halley.Server.Events;

/// <summary>Describes the server for the greeting of a stream. The feature that knows the answer registers one.</summary>
internal delegate Task<ServerMetaVersionInfo> DescribeServer(CancellationToken cancellationToken);
