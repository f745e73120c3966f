using Microsoft.Playwright;

namespace Halley.EndToEnd.Tests.AdminWeb;

/// <summary>The rules of WCAG 2.2 AA, judged by axe-core on a page as it is shown now.</summary>
internal static class Accessibility
{
    // A notice that fades in and out is judged at a random moment of that, so it is left out.
    private const string Judge = """
        async () => {
          const found = await axe.run({ exclude: ['.mud-snackbar'] }, {
            runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
            rules: { 'label-content-name-mismatch': { enabled: true } },
            resultTypes: ['violations'],
          });
          const cause = node => (node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? '';
          return found.violations.flatMap(rule => rule.nodes.map(node =>
            `${rule.id}: ${node.target.join(' ')} ${node.html.slice(0, 160)} ${cause(node)}`));
        }
        """;

    private static readonly Lazy<Task<string>> Script = new(InstallAsync);

    /// <summary>What a page does wrong, a line for each element.</summary>
    public static async Task<IReadOnlyList<string>> FindAsync(IPage page)
    {
        if (!await page.EvaluateAsync<bool>("'axe' in window"))
        {
            await page.EvaluateAsync(await Script.Value);
        }

        return await page.EvaluateAsync<string[]>(Judge);
    }

    // From the registry, by the lock file with its hash.
    private static async Task<string> InstallAsync()
    {
        var directory = Checkout.PathOf(Path.Combine("tests", "EndToEnd.Tests", "AdminWeb", "node"));
        (await ExternalProgram.RunAsync(
            Tools.Require("npm", "npm"), ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], workingDirectory: directory))
                .EnsureSuccess();
        return await File.ReadAllTextAsync(Path.Combine(directory, "node_modules", "axe-core", "axe.min.js"));
    }
}
