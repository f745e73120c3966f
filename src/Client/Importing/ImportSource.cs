namespace Halley.Client.Importing;

/// <summary>The other programs.</summary>
public enum ImportKind
{
    /// <summary>Ahsay OBM or ACB 6.</summary>
    Ahsay,

    /// <summary>Code42 CrashPlan.</summary>
    CrashPlan,

    /// <summary>resticprofile, a wrapper of restic.</summary>
    ResticProfile,

    /// <summary>autorestic, a wrapper of restic.</summary>
    Autorestic,

    /// <summary>backrest, a wrapper of restic.</summary>
    Backrest,
}

/// <summary>Settings of another backup program on this machine.</summary>
/// <param name="Kind">The program.</param>
/// <param name="File">The file with its settings.</param>
public sealed record ImportSource(ImportKind Kind, string File)
{
    /// <summary>Its id: kind and file, such as <c>crashplan:/usr/local/crashplan/conf/my.service.xml</c>.</summary>
    public string Id => $"{$"{Kind}".ToLowerInvariant()}:{File}";

    /// <summary>Its name for people.</summary>
    public string Name => Kind switch
    {
        ImportKind.Ahsay => "Ahsay OBM/ACB 6",
        ImportKind.CrashPlan => "CrashPlan",
        ImportKind.ResticProfile => "resticprofile",
        ImportKind.Autorestic => "autorestic",
        _ => "backrest",
    };
}
