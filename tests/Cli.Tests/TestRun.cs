using System.Runtime.Versioning;

// Processes, signals and file modes of the machine are what is tested.
[assembly: SupportedOSPlatform("linux")]
