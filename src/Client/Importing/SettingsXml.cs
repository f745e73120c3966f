using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace Halley.Client.Importing;

/// <summary>Reads settings in XML. Names count whatever their case; documents may neither name other files nor have a type.</summary>
internal static class SettingsXml
{
    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = 50_000_000,
    };

    /// <summary>The root of a file.</summary>
    /// <exception cref="ImportException">It is not XML.</exception>
    public static XElement Read(string file)
    {
        try
        {
            using var reader = XmlReader.Create(file, Settings);
            return XDocument.Load(reader).Root!;
        }
        catch (XmlException error)
        {
            throw new ImportException($"{file} cannot be understood: {error.Message}", error);
        }
    }

    /// <summary>An attribute, or else the text of the element of that name; empty when there is neither.</summary>
    public static string Text(this XElement? element, string name) =>
        element?.Attributes().FirstOrDefault(attribute => Is(attribute.Name, name))?.Value
        ?? element?.Elements().FirstOrDefault(child => Is(child.Name, name))?.Value.Trim() ?? "";

    /// <summary>That as a number; null when it is none.</summary>
    public static long? Number(this XElement? element, string name) =>
        long.TryParse(element.Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>True when it says yes.</summary>
    public static bool IsYes(this XElement? element, string name) => element.Text(name).ToLowerInvariant() is "y" or "yes" or "true" or "1";

    /// <summary>The elements of these names.</summary>
    public static IEnumerable<XElement> All(this XElement? element, params string[] names) =>
        element?.Elements().Where(child => names.Any(name => Is(child.Name, name))) ?? [];

    /// <summary>The elements of these names below several elements.</summary>
    public static IEnumerable<XElement> All(this IEnumerable<XElement> elements, params string[] names) =>
        elements.SelectMany(element => element.All(names));

    private static bool Is(XName name, string expected) => name.LocalName.Equals(expected, StringComparison.OrdinalIgnoreCase);
}
