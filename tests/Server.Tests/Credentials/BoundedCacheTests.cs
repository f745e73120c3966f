using Halley.Server.Credentials;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.Credentials;

public class BoundedCacheTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Entry_ends_at_its_time()
    {
        var cache = new BoundedCache<string, int>(10, _time);
        cache.Set("one", 1, Minute);

        _time.Advance(Minute - TimeSpan.FromTicks(1));
        Assert.Equal(1, cache.Find("one")?.Value);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(cache.Find("one"));
        Assert.True(cache.TryAdd("one", 2, Minute));
    }

    [Fact]
    public void Full_cache_keeps_its_size_and_prefers_what_has_not_expired()
    {
        var cache = new BoundedCache<int, int>(100, _time);
        for (var i = 0; i < 90; i++)
        {
            cache.Set(i, i, Minute);
        }

        _time.Advance(Minute);
        for (var i = 1000; i < 1070; i++)
        {
            cache.Set(i, i, Minute);
        }

        Assert.Equal(70, Enumerable.Range(1000, 70).Count(i => cache.Find(i) is not null));
        for (var i = 2000; i < 12_000; i++)
        {
            cache.Set(i, i, Minute);
        }

        Assert.InRange(Enumerable.Range(0, 12_000).Count(i => cache.Find(i) is not null), 50, 101);
    }

    [Fact]
    public async Task Of_concurrent_additions_one_succeeds_and_no_count_is_lost()
    {
        var cache = new BoundedCache<string, int>(10, _time);
        const int tries = 1000;
        var added = 0;

        await Parallel.ForEachAsync(Enumerable.Range(0, tries), (_, _) =>
        {
            if (cache.TryAdd("once", 0, Minute))
            {
                Interlocked.Increment(ref added);
            }

            cache.Change("count", known => new Cached<int>((known?.Value ?? 0) + 1, _time.GetUtcNow() + Minute));
            return ValueTask.CompletedTask;
        });

        Assert.Equal(1, added);
        Assert.Equal(tries, cache.Find("count")?.Value);
    }
}
