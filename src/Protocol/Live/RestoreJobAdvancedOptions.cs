using Halley.Protocol.Comet;

namespace Halley.Protocol.Live;

/// <summary>
/// How and where to restore. What the vendor's type has beside this, for databases and virtual machines, is carried along unread.
/// </summary>
public class RestoreJobAdvancedOptions : CometDocument
{
    /// <summary>0 files, 1 only tries, 4 whole disk, 5 archive; others are for databases and virtual machines.</summary>
    public long Type { get; set; }

    public bool OverwriteExistingFiles { get; set; }
    public bool OverwriteIfNewer { get; set; }
    public bool OverwriteIfDifferentContent { get; set; }
    public bool OverwriteForcePermissions { get; set; }
    public bool DestIsOriginalLocation { get; set; }

    /// <summary>Folder on the device.</summary>
    public string DestPath { get; set; } = "";

    public List<string> ExactDestPaths { get; set; } = [];

    /// <summary>0 tar, 1 tar.gz, 2 zip, 3 SquashFS, 4 tar.zst.</summary>
    public long ArchiveFormat { get; set; }

    public bool SkipUnreadableChunks { get; set; }
    public bool OnDiskIndexesKey { get; set; }
}

/// <summary>A network share and how to sign in to it.</summary>
public class WinSMBAuth : CometDocument
{
    public string SharePath { get; set; } = "";
    public string Username { get; set; } = "";
    public string Password { get; set; } = "";

    /// <summary>0 as it is, otherwise encrypted by the client.</summary>
    public ulong PasswordFormat { get; set; }
}
