using Halley.Benchmarks.Load;

namespace Halley.Benchmarks.Peers;

/// <summary>
/// <c>rclone serve restic</c> on a plain directory: the same protocol behind a password too, but neither hashed nor flushed.
/// </summary>
internal sealed class RclonePeer : MeasuredServer
{
    public const string PeerName = "rclone";

    private const string User = "files";
    private const string Password = "00112233445566778899aabbccddeeff";

    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(20);

    private readonly OwnedProcess _process;

    private RclonePeer(OwnedProcess process, Uri address)
    {
        _process = process;
        Target = new Target(address, "/files/data/", Credentials: $"{User}:{Password}");
        List = Target with { Folder = "/list/data/" };
    }

    public override string Name => PeerName;

    public override Target Target { get; }

    public override Target? List { get; }

    public override int? ProcessId => _process.Id;

    public static async Task<RclonePeer> StartAsync(string directory)
    {
        var port = FreePort.Take();
        Directory.CreateDirectory(Path.Combine(directory, "files", "data"));
        ListedFiles.CreateIn(Path.Combine(directory, "list", "data"));
        var process = OwnedProcess.Start(
            Tools.Require("rclone", "rclone"),
            ["serve", "restic", "--config", "/dev/null", "--user", User, "--pass", Password, "--addr", $"127.0.0.1:{port}", directory]);
        await process.WaitUntilAsync("rclone listens", StartDeadline, () => PortProbe.ListensAsync(port));
        return new RclonePeer(process, new Uri($"http://127.0.0.1:{port}"));
    }

    public override ValueTask DisposeAsync() => _process.DisposeAsync();
}
