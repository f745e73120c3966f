using System.CommandLine;
using System.Runtime.Versioning;
using Halley.Benchmarks;

[assembly: SupportedOSPlatform("linux")]

var root = new RootCommand("Measures Halley against peers on this machine.") { StorageCommand.Create() };
return await root.Parse(args).InvokeAsync();
