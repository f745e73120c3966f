using System.Data.Common;

namespace Halley.Server.Periodic;

/// <summary>
/// Does the same for many things of many owners. One that fails does not hold up the others: it is named at the end of the run, which then
/// counts as failed.
/// </summary>
internal sealed class OneByOne
{
    private const int MostNamed = 20;
    private readonly List<Exception> _failures = [];

    /// <summary>Does it for one. When the database is away, nothing else would work either, so that ends the run.</summary>
    /// <param name="what">Names it in the log, without a secret.</param>
    /// <param name="act">What to do.</param>
    public async Task TryAsync(string what, Func<Task> act)
    {
        try
        {
            await act();
        }
#pragma warning disable CA1031 // thrown again by ThrowIfAny, once the others had their turn
        catch (Exception failure) when (failure is not (OperationCanceledException or DbException))
#pragma warning restore CA1031
        {
            _failures.Add(new InvalidOperationException($"{what}: {failure.Message}", failure));
        }
    }

    /// <summary>Ends the run with the failures, if there were any.</summary>
    /// <exception cref="AggregateException">Some failed.</exception>
    public void ThrowIfAny()
    {
        if (_failures.Count > 0)
        {
            throw new AggregateException($"{_failures.Count} could not be handled, the others were.", _failures.Take(MostNamed));
        }
    }
}
