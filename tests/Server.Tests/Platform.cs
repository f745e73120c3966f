using System.Runtime.Versioning;

// Modes of files are looked at, which Windows does not have.
[assembly: SupportedOSPlatform("linux")]
