namespace Halley.Server.Credentials;

/// <summary>
/// One sign-in, tried as two kinds of callers because both know the name. If the credential is right for one kind, it does not count as a
/// failure of the other.
/// </summary>
internal static class SharedAttempt
{
    private static readonly AsyncLocal<Part?> Current = new();

    /// <summary>
    /// Tries all kinds concurrently; in sequence, the longer response time would reveal that there are two. <paramref name="isRefusal"/> is
    /// true for a response that recognized no one.
    /// </summary>
    public static Task<T[]> TryAllAsync<T>(IReadOnlyCollection<Func<Task<T>>> kinds, Func<T, bool> isRefusal)
    {
        var parts = kinds.Select(_ => new Part()).ToList();
        parts.ForEach(part => part.Others.AddRange(parts.Where(other => other != part)));
        return Task.WhenAll(kinds.Zip(parts, (kind, part) => TryAsync(kind, part, isRefusal)));
    }

    /// <summary>Whether a wrong credential is a failure. If there are other kinds, waits for their results.</summary>
    public static async Task<bool> IsFailureAsync()
    {
        if (Current.Value is not { } part)
        {
            return true;
        }

        part.IsRight.TrySetResult(false);
        return !(await Task.WhenAll(part.Others.Select(other => other.IsRight.Task))).Contains(true);
    }

    private static async Task<T> TryAsync<T>(Func<Task<T>> kind, Part part, Func<T, bool> isRefusal)
    {
        Current.Value = part;
        try
        {
            var answer = await kind();
            part.IsRight.TrySetResult(!isRefusal(answer));
            return answer;
        }
        finally
        {
            part.IsRight.TrySetResult(false);
        }
    }

    private sealed class Part
    {
        public List<Part> Others { get; } = [];

        public TaskCompletionSource<bool> IsRight { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
