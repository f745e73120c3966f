namespace Halley.Client.Importing;

/// <summary>Reads the settings of another program and plans what becomes of them. Changes nothing.</summary>
public static class ImportReader
{
    /// <summary>The plan for these settings.</summary>
    /// <exception cref="ImportException">The file cannot be read.</exception>
    public static ImportPlan Read(ImportSource source, ImportTarget target)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        var draft = new ImportDraft(source, target);
        try
        {
            switch (source.Kind)
            {
                case ImportKind.Ahsay:
                    new AhsayReader(draft).Read(source.File);
                    break;
                case ImportKind.CrashPlan:
                    new CrashPlanReader(draft).Read(source.File);
                    break;
                case ImportKind.ResticProfile:
                    new ResticProfileReader(draft, Path.GetDirectoryName(source.File)!).Read(SettingsFile.Read(source.File));
                    break;
                case ImportKind.Autorestic:
                    new AutoresticReader(draft, Path.GetDirectoryName(source.File)!).Read(SettingsFile.Read(source.File));
                    break;
                default:
                    new BackrestReader(draft, Path.GetDirectoryName(source.File)!).Read(SettingsFile.Read(source.File));
                    break;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ImportException($"{source.File} cannot be read: {error.Message}", error);
        }

        return draft.Plan;
    }
}
