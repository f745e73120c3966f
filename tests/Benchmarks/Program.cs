using System.CommandLine;
using System.Runtime.Versioning;
using Halley.Benchmarks;
using Halley.Benchmarks.Accounts;
using Halley.Benchmarks.Agents;
using Halley.Benchmarks.Client;
using Halley.Benchmarks.Live;
using Halley.Benchmarks.Volumes;

[assembly: SupportedOSPlatform("linux")]

var root = new RootCommand("Measures Halley against peers on this machine.")
{
    StartCommand.Create(), StorageCommand.Create(), AccountsCommand.Create(), VolumesCommand.Create(), LiveCommand.Create(),
    KernelsCommand.Create(), ClientCommand.Create(), AgentCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
