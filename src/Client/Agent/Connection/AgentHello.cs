using Halley.Client.Accounts;
using Halley.Protocol.Comet;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;

namespace Halley.Client.Agent.Connection;

/// <summary>How the agent presents this machine.</summary>
internal static class AgentHello
{
    public static LiveHello Make(Guid process, AgentOptions options)
    {
        var machine = ThisMachine.Describe("", name: null, options.ClientVersion);
        var platform = machine.Platform ?? new OSInfo();
        return new LiveHello(
            process, options.ClientVersion, $"{platform.Os}/{platform.Arch}", CometJson.Write(platform), machine.TimeZone ?? "",
            options.ShowsFileNames, options.Time.GetUtcNow().UtcDateTime);
    }
}
