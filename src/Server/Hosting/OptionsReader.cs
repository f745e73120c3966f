using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace Halley.Server.Hosting;

/// <summary>
/// Reads the options of every folder before anything starts and collects all errors, so that an operator sees every mistake at once instead
/// of one per start. Messages never repeat values: some are passwords.
/// </summary>
internal sealed class OptionsReader(IConfiguration configuration)
{
    private const string Root = "Halley";
    private readonly SortedSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _failures = [];

    public T Read<T>(string section)
        where T : class, new()
    {
        var options = new T();
        var prefix = section.Length == 0 ? Root : $"{Root}:{section}";
        var unreadable = new HashSet<string>();
        foreach (var property in typeof(T).GetProperties().Where(property => property.SetMethod?.IsPublic == true))
        {
            var key = $"{prefix}:{property.Name}";
            _known.Add(key);
            if (!TrySet(options, property, configuration.GetSection(key)))
            {
                unreadable.Add(property.Name);
                _failures.Add($"{key}: must be {Describe(key, property.PropertyType)}");
            }

            if (property.IsDefined(typeof(SecretSettingAttribute)) && ReadFile(options, property, key) is { } failure)
            {
                unreadable.Add(property.Name);
                _failures.Add(failure);
            }
        }

        foreach (var result in Check(options, unreadable))
        {
            _failures.AddRange(result.MemberNames.DefaultIfEmpty("").Select(member => $"{prefix}:{member}: {result.ErrorMessage}"));
        }

        return options;
    }

    /// <summary>Adds the error of a setting that is not read here, such as the framework's.</summary>
    public void Refuse(string key, string must) => _failures.Add($"{key}: {must}");

    /// <summary>All errors, including misspelt keys; empty if the server may start.</summary>
    public IReadOnlyList<string> Failures()
    {
        var unknown = configuration.GetSection(Root).AsEnumerable()
            // An empty value means "not set", so it is not a mistake.
            .Where(pair => !string.IsNullOrEmpty(pair.Value) && !IsKnown(pair.Key))
            .Select(pair => pair.Key)
            .Order(StringComparer.Ordinal)
            .ToList();
        var failures = _failures.Concat(unknown.Select(key => $"{key}: is not a setting of this server")).ToList();
        if (unknown.Count > 0)
        {
            failures.Add($"the settings are: {string.Join(", ", _known)}");
        }

        return failures;
    }

    private string? ReadFile(object options, PropertyInfo property, string key)
    {
        var fileKey = $"{key}File";
        _known.Add(fileKey);
        if (configuration[fileKey] is not { Length: > 0 } file)
        {
            return null;
        }

        if (!string.IsNullOrEmpty(configuration[key]))
        {
            return $"{fileKey}: cannot be given together with {key}";
        }

        try
        {
            property.SetValue(options, File.ReadAllText(file).TrimEnd('\r', '\n'));
            return null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return $"{fileKey}: must be a file that exists and can be read";
        }
    }

    private static bool TrySet(object options, PropertyInfo property, IConfigurationSection section)
    {
        // Present but empty, as `Halley__X=` in an environment file, means "not set".
        if (string.IsNullOrEmpty(section.Value) && !section.GetChildren().Any())
        {
            return true;
        }

        // The binder takes a text for a list, and a list for a text, as null.
        if (section.GetChildren().Any() != property.PropertyType.IsArray)
        {
            return false;
        }

        try
        {
            property.SetValue(options, section.Get(property.PropertyType));
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static List<ValidationResult> Check(object options, HashSet<string> unreadable)
    {
        // Not Validator.TryValidateObject, which skips IValidatableObject once an annotation has failed.
        var results = new List<ValidationResult>();
        foreach (var property in options.GetType().GetProperties().Where(property => !unreadable.Contains(property.Name)))
        {
            if (property.GetCustomAttributes<ValidationAttribute>().Any())
            {
                var context = new ValidationContext(options) { MemberName = property.Name };
                Validator.TryValidateProperty(property.GetValue(options), context, results);
            }
        }

        if (options is IValidatableObject validatable)
        {
            results.AddRange(validatable.Validate(new ValidationContext(options)));
        }

        return results;
    }

    private static string Describe(string key, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            { IsArray: true } => $"a list, whose first entry is {key}:0 (as a variable {Variable(key)}__0), the second {key}:1",
            { IsEnum: true } => $"one of {string.Join(", ", Enum.GetNames(type))}",
            _ when type == typeof(bool) => "true or false",
            _ when type == typeof(int) || type == typeof(long) => "a whole number",
            _ when type == typeof(TimeSpan) => "a time span such as 00:10:00",
            _ => "text",
        };
    }

    private static string Variable(string key) => key.Replace(":", "__", StringComparison.Ordinal);

    private bool IsKnown(string key) =>
        _known.Contains(key) || _known.Any(known => key.StartsWith(known + ":", StringComparison.OrdinalIgnoreCase));
}
