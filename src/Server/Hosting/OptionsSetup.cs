using Microsoft.Extensions.Options;

namespace Halley.Server.Hosting;

internal static class OptionsSetup
{
    private static readonly object ReaderKey = new();

    /// <summary>
    /// Reads and checks the options class of a folder from <c>Halley:{section}</c>, and registers it as itself and as
    /// <see cref="IOptions{T}"/>. <see cref="ShowWrongOptions"/> reports the errors; until then, invalid settings have their defaults.
    /// </summary>
    public static T AddOptionsOf<T>(this WebApplicationBuilder builder, string section)
        where T : class, new()
    {
        var options = builder.OptionsReader().Read<T>(section);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(Options.Create(options));
        return options;
    }

    /// <summary>True if a setting is wrong. All errors have then been written to standard error.</summary>
    public static bool ShowWrongOptions(this WebApplicationBuilder builder)
    {
        var failures = builder.OptionsReader().Failures();
        if (failures.Count == 0)
        {
            return false;
        }

        Console.Error.WriteLine("Halley does not start, because of its settings:");
        foreach (var failure in failures)
        {
            Console.Error.WriteLine($"  - {failure}");
        }

        return true;
    }

    /// <summary>Reports the error of a setting of the framework with the others.</summary>
    public static void RefuseSetting(this WebApplicationBuilder builder, string key, string must) =>
        builder.OptionsReader().Refuse(key, must);

    private static OptionsReader OptionsReader(this WebApplicationBuilder builder)
    {
        var properties = builder.Host.Properties;
        if (!properties.TryGetValue(ReaderKey, out var reader))
        {
            properties[ReaderKey] = reader = new OptionsReader(builder.Configuration);
        }

        return (OptionsReader)reader;
    }
}
