using Halley.Protocol;
using MudBlazor;

namespace Halley.Server.AdminWeb.Storage.Buckets;

/// <summary>How pages show the modes of a key.</summary>
internal static class KeyModes
{
    public static string Name(BucketKeyMode mode) => mode switch
    {
        BucketKeyMode.AppendOnly => "Append-only",
        BucketKeyMode.ReadOnly => "Read-only",
        _ => "Full",
    };

    public static string Meaning(BucketKeyMode mode) => mode switch
    {
        BucketKeyMode.AppendOnly => "Backs up and restores, but cannot delete. A stolen device cannot destroy its backups.",
        BucketKeyMode.ReadOnly => "Restores only.",
        _ => "Backs up, restores, and removes old snapshots.",
    };

    public static string Symbol(BucketKeyMode mode) => mode switch
    {
        BucketKeyMode.AppendOnly => Icons.Material.Outlined.PlaylistAdd,
        BucketKeyMode.ReadOnly => Icons.Material.Outlined.Visibility,
        _ => Icons.Material.Outlined.Key,
    };
}
