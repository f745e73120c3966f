namespace Halley.Server.AdminWeb.Browser;

/// <summary>The page that is shown of a list which the database reads page by page.</summary>
/// <typeparam name="T">Where a page starts, such as the name before it; null for the first page.</typeparam>
public sealed class ListPosition<T>
{
    private readonly Stack<T?> _before = [];

    /// <summary>Where the page starts.</summary>
    public T? Start { get; private set; }

    /// <summary>Where the next page starts; null while it is unknown, and on the last page.</summary>
    public T? Next { get; set; }

    /// <summary>Number of the page, from 1.</summary>
    public int Number => _before.Count + 1;

    public void Forward()
    {
        if (Next is not null)
        {
            _before.Push(Start);
            (Start, Next) = (Next, default);
        }
    }

    public void Back()
    {
        if (_before.TryPop(out var start))
        {
            (Start, Next) = (start, default);
        }
    }

    /// <summary>Goes to the first page, as another search requires.</summary>
    public void Restart()
    {
        _before.Clear();
        (Start, Next) = (default, default);
    }
}
