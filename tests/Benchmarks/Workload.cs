using Halley.Benchmarks.Load;

namespace Halley.Benchmarks;

/// <summary>Files of one size and how many connections handle them at once.</summary>
/// <param name="Size">Bytes of each file.</param>
/// <param name="Connections">Connections at the same time.</param>
/// <param name="Files">Files that are uploaded in a round.</param>
/// <param name="InBytes">True when the figure is MB/s, false when it is operations per second.</param>
internal sealed record FileClass(string Name, int Size, int Connections, int Files, bool InBytes)
{
    public static IReadOnlyList<FileClass> All { get; } =
    [
        new("16 MiB", 16 << 20, 4, 48, InBytes: true),
        new("64 KiB", 64 << 10, 8, 3000, InBytes: false),
        new("1 KiB", 1 << 10, 16, 8000, InBytes: false),
    ];
}

/// <summary>One thing that is measured.</summary>
/// <param name="ReadsFor">Null to go once through all files; otherwise over and over for that long.</param>
internal sealed record Workload(string Name, Operation Operation, FileClass Files, TimeSpan? ReadsFor)
{
    private static readonly TimeSpan ReadTime = TimeSpan.FromSeconds(1.5);

    public string Unit => Files.InBytes ? "MB/s" : "ops/s";

    /// <summary>CPU time of the server is told for large files only, where it exceeds the resolution of the kernel's clock.</summary>
    public bool CountsCpu => Files.InBytes;

    public static IReadOnlyList<Workload> Of(FileClass files)
    {
        var workloads = new List<Workload>
        {
            new($"PUT {files.Name}", Operation.Upload, files, ReadsFor: null),
            new($"GET {files.Name}", Operation.Download, files, ReadTime),
        };
        if (files.Size == FileClass.All[^1].Size)
        {
            workloads.Add(new Workload($"HEAD {files.Name}", Operation.Head, files, ReadTime));
        }

        return workloads;
    }
}
