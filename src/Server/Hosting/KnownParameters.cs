using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Extensions.Primitives;

namespace Halley.Server.Hosting;

/// <summary>
/// Refuses a parameter in the address that its endpoint does not know: a misspelt filter would otherwise return everything. The known ones
/// are those of the API document.
/// </summary>
internal sealed partial class KnownParameters(IApiDescriptionGroupCollectionProvider descriptions)
{
    private readonly ConcurrentDictionary<(string Method, string Path), Dictionary<string, Type>?> _known = new();

    public Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Query.Count == 0 || context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            return next(context);
        }

        var path = Constraint().Replace(endpoint.RoutePattern.RawText!.TrimStart('/'), "");
        if (_known.GetOrAdd((context.Request.Method, path), Find) is not { } known)
        {
            return next(context);
        }

        foreach (var (name, value) in context.Request.Query)
        {
            if (!known.TryGetValue(name, out var type))
            {
                var all = known.Count == 0 ? "This address takes none." : $"It takes {string.Join(", ", known.Keys)}.";
                return Problems.BadRequest("unknown_parameter", $"There is no parameter {name} here. {all}").ExecuteAsync(context);
            }

            if (!IsReadable(value.ToString(), type))
            {
                return RequestFaults.RefuseAsync(context, name, type, value.ToString());
            }
        }

        if (known.Values.Any(type => type.IsEnum))
        {
            context.Request.Query = new QueryCollection(context.Request.Query.ToDictionary(
                one => one.Key, one => known[one.Key].IsEnum ? (StringValues)ExactWord(known[one.Key], one.Value.ToString()) : one.Value));
        }

        return next(context);
    }

    // The framework reads a word only as it is defined.
    private static string? ExactWord(Type type, string value) =>
        Enum.GetNames(type).FirstOrDefault(name => name.Equals(value, StringComparison.OrdinalIgnoreCase));

    // The framework refuses an optional parameter that it cannot read without a word about it.
    private static bool IsReadable(string value, Type type) => value.Length == 0 || type switch
    {
        _ when type == typeof(int) => int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _),
        _ when type == typeof(long) => long.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _),
        _ when type == typeof(Guid) => Guid.TryParse(value, out _),
        _ when type == typeof(bool) => bool.TryParse(value, out _),
        _ when type == typeof(DateTime) => DateTime.TryParse(value, CultureInfo.InvariantCulture, out _),
        _ when type == typeof(DateOnly) => DateOnly.TryParse(value, CultureInfo.InvariantCulture, out _),
        _ when type.IsEnum => ExactWord(type, value) is not null,
        _ => true,
    };

    // Null for an address that is not in the document.
    private Dictionary<string, Type>? Find((string Method, string Path) address)
    {
        var found = descriptions.ApiDescriptionGroups.Items.SelectMany(group => group.Items)
            .Where(one => one.RelativePath == address.Path && one.HttpMethod == address.Method).ToList();
        return found.Count == 0
            ? null
            : found.SelectMany(one => one.ParameterDescriptions).Where(one => one.Source == BindingSource.Query)
                .DistinctBy(one => one.Name, StringComparer.OrdinalIgnoreCase).OrderBy(one => one.Name, StringComparer.Ordinal)
                .ToDictionary(
                    one => one.Name, one => Nullable.GetUnderlyingType(one.Type ?? typeof(string)) ?? one.Type ?? typeof(string),
                    StringComparer.OrdinalIgnoreCase);
    }

    [GeneratedRegex("(?<=\\{[^}]*):[^}]*(?=\\})")]
    private static partial Regex Constraint();
}
