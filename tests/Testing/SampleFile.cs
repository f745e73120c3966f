namespace Halley.Testing;

/// <summary>A shipped configuration sample. A test replaces ports and paths in it and nothing else.</summary>
public sealed class SampleFile
{
    private readonly string _name;
    private string _text;

    public SampleFile(string relativePath)
    {
        _name = relativePath;
        _text = File.ReadAllText(Checkout.PathOf(relativePath));
    }

    /// <summary>Replaces text that must be in the sample: a changed sample must not slip past the test that uses it.</summary>
    public SampleFile With(string shipped, string substitute)
    {
        if (!_text.Contains(shipped, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{_name} no longer contains `{shipped}`, which the test replaces.");
        }

        _text = _text.Replace(shipped, substitute, StringComparison.Ordinal);
        return this;
    }

    public void WriteTo(string path) => File.WriteAllText(path, _text);
}
