namespace Halley.Benchmarks.Load;

internal enum Operation
{
    Upload,
    Download,
    Head,
    Delete,
}
