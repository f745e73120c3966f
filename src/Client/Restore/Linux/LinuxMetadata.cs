using System.Text;
using Halley.Client.Repository;
using Halley.Client.Repository.Trees;
using Microsoft.Win32.SafeHandles;

namespace Halley.Client.Restore.Linux;

/// <summary>
/// Gives a restored entry its owner, attributes, mode and times, in the order in which none undoes another: a new owner clears the bits
/// that let a program run as its owner, a mode may forbid to set attributes, and each of them changes times.
/// </summary>
internal static class LinuxMetadata
{
    private const uint Permissions = 0xFFF;
    private static readonly byte[] Itself = [0];

    /// <summary>An open file or directory. What cannot be set is reported, and the rest is set.</summary>
    public static void Apply(SafeFileHandle file, Node node, Action<string> onFailure)
    {
        Own(file, Itself, LinuxCalls.EmptyPath, node, onFailure);
        foreach (var attribute in node.ExtendedAttributes)
        {
            var value = attribute.Value.ToArray();
            Check(
                IsAttributeName(attribute) ? LinuxCalls.SetAttribute(file, attribute.Name, value, value.Length, 0) : 0,
                $"set attribute {attribute.Name} of", onFailure);
        }

        Check(LinuxCalls.ChangeMode(file, NodeMode.ToUnix(node.Mode) & Permissions), "set the mode of", onFailure);
        Check(LinuxCalls.ChangeTimes(file, TimesOf(node)), "set the times of", onFailure);
    }

    /// <summary>A symbolic link, a device or a pipe, by its name.</summary>
    public static void Apply(LinuxDirectory directory, byte[] name, Node node, Action<string> onFailure)
    {
        Own(directory.Handle, name, LinuxCalls.NoFollow, node, onFailure);
        foreach (var attribute in node.ExtendedAttributes)
        {
            var path = (byte[])[.. Encoding.ASCII.GetBytes($"/proc/self/fd/{directory.Handle.DangerousGetHandle()}/"), .. name];
            var value = attribute.Value.ToArray();
            Check(
                IsAttributeName(attribute) ? LinuxCalls.SetAttributeOfLink(path, attribute.Name, value, value.Length, 0) : 0,
                $"set attribute {attribute.Name} of", onFailure);
        }

        if (node.Type != NodeType.Symlink)
        {
            // This call follows links; the entry was made by us a moment ago and is none.
            var mode = NodeMode.ToUnix(node.Mode) & Permissions;
            Check(LinuxCalls.ChangeModeAt(directory.Handle, name, mode, 0), "set the mode of", onFailure);
        }

        Check(LinuxCalls.ChangeTimesAt(directory.Handle, name, TimesOf(node), LinuxCalls.NoFollow), "set the times of", onFailure);
    }

    private static bool IsAttributeName(NodeXattr attribute) =>
        attribute.Name.Length > 0 && !attribute.Name.Contains('\0', StringComparison.Ordinal);

    // Only root gives files away. For everybody else files belong to who restores them.
    private static void Own(SafeFileHandle directory, byte[] name, int flags, Node node, Action<string> onFailure)
    {
        if (LinuxCalls.EffectiveUser() == 0)
        {
            Check(LinuxCalls.ChangeOwnerAt(directory, name, node.UserId, node.GroupId, flags), "set the owner of", onFailure);
        }
    }

    private static LinuxTime[] TimesOf(Node node) => [TimeOf(node.AccessTime), TimeOf(node.ModifyTime)];

    private static LinuxTime TimeOf(VaultTime time) => new((nint)time.UnixSeconds, time.Nanoseconds);

    private static void Check(int result, string action, Action<string> onFailure)
    {
        if (result < 0)
        {
            onFailure(LinuxException.Last(action).Message);
        }
    }
}
