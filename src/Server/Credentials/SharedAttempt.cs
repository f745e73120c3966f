namespace Halley.Server.Credentials;

/// <summary>
/// One sign-in that is tried as two kinds of callers, because both have the name. What is wrong for one of them is no failure when it is
/// right for the other: the owner of the password has signed in.
/// </summary>
internal static class SharedAttempt
{
    private static readonly AsyncLocal<Part?> Current = new();

    /// <summary>
    /// Tries all kinds at the same time, or the answer would take longer and tell that there are two. <paramref name="isRefusal"/> is true
    /// for an answer that recognised nobody.
    /// </summary>
    public static Task<T[]> TryAllAsync<T>(IReadOnlyCollection<Func<Task<T>>> kinds, Func<T, bool> isRefusal)
    {
        var parts = kinds.Select(_ => new Part()).ToList();
        parts.ForEach(part => part.Others.AddRange(parts.Where(other => other != part)));
        return Task.WhenAll(kinds.Zip(parts, (kind, part) => TryAsync(kind, part, isRefusal)));
    }

    /// <summary>Whether a wrong credential is a failure. Waits, where there is another kind, until it is known what it is there.</summary>
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
