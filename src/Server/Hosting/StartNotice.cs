using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Halley.Server.Hosting;

/// <summary>
/// A line that a folder adds to the block shown at start. The function gets the server's address and returns null if there is nothing to
/// show.
/// </summary>
internal sealed record StartNotice(string Label, Func<Uri, string?> Text);

/// <summary>
/// The block on the console that tells a person where to go. It is not logged, because the set-up link in it is a secret.
/// </summary>
internal sealed class StartBlock(IServer server, HalleyOptions options, DataDirectory directory, IEnumerable<StartNotice> notices)
{
    public void Show(TextWriter output)
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses.ToList() ?? [];
        var link = LinkAddress(options.PublicUrl, addresses);
        var lines = new List<(string Label, string Text)> { ("Address", string.Join("  ", addresses)) };
        if (options.PublicUrl is { } publicUrl)
        {
            lines.Add(("Public address", publicUrl));
        }

        lines.Add(("Data directory", directory.Root));
        lines.AddRange(notices.Select(notice => (notice.Label, notice.Text(link))).Where(line => line.Item2 is not null)
            .Select(line => (line.Label, line.Item2!)));
        output.WriteLine();
        output.WriteLine("  Halley is running");
        foreach (var (label, text) in lines)
        {
            output.WriteLine($"  {label,-16}{text}");
        }

        output.WriteLine();
        output.Flush();
    }

    private static Uri LinkAddress(string? publicUrl, List<string> addresses)
    {
        var text = publicUrl ?? addresses.FirstOrDefault() ?? ListeningSetup.DefaultUrl;
        // A browser cannot open a wildcard address.
        return new Uri(text.Replace("[::]", "localhost", StringComparison.Ordinal)
            .Replace("0.0.0.0", "localhost", StringComparison.Ordinal)
            .Replace("*", "localhost", StringComparison.Ordinal)
            .Replace("+", "localhost", StringComparison.Ordinal)
            .TrimEnd('/') + "/");
    }
}
