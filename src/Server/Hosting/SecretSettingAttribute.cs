namespace Halley.Server.Hosting;

/// <summary>
/// Marks a setting that holds a secret. It may also be given as the name of a file that holds it, under the same key with <c>File</c> at
/// the end, which containers and systemd hand over.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretSettingAttribute : Attribute;
