using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace Halley.Server.Hosting;

/// <summary>
/// Refuses a parameter in the address that its endpoint does not know: a misspelt filter would otherwise return everything. The known ones
/// are those of the API document.
/// </summary>
internal sealed partial class KnownParameters(IApiDescriptionGroupCollectionProvider descriptions)
{
    private readonly ConcurrentDictionary<(string Method, string Path), string[]?> _known = new();

    public Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Query.Count == 0 || context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            return next(context);
        }

        var path = Constraint().Replace(endpoint.RoutePattern.RawText!.TrimStart('/'), "");
        var known = _known.GetOrAdd((context.Request.Method, path), Find);
        var unknown = known is null
            ? null
            : context.Request.Query.Keys.FirstOrDefault(name => !known.Contains(name, StringComparer.OrdinalIgnoreCase));
        return unknown is null
            ? next(context)
            : Problems.BadRequest(
                "unknown_parameter",
                $"There is no parameter {unknown} here. "
                + (known!.Length == 0 ? "This address takes none." : $"It takes {string.Join(", ", known)}.")).ExecuteAsync(context);
    }

    // Null for an address that is not in the document.
    private string[]? Find((string Method, string Path) address)
    {
        var found = descriptions.ApiDescriptionGroups.Items.SelectMany(group => group.Items)
            .Where(one => one.RelativePath == address.Path && one.HttpMethod == address.Method).ToList();
        return found.Count == 0
            ? null
            : [.. found.SelectMany(one => one.ParameterDescriptions).Where(one => one.Source == BindingSource.Query)
                .Select(one => one.Name).Distinct().Order(StringComparer.Ordinal)];
    }

    [GeneratedRegex("(?<=\\{[^}]*):[^}]*(?=\\})")]
    private static partial Regex Constraint();
}
