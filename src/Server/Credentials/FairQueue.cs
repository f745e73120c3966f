using System.Net;

namespace Halley.Server.Credentials;

/// <summary>Work that waits for a slot, with what it will cost.</summary>
internal sealed record SlotWork(string Tenant, IPAddress Network, long Cost, Action Run);

/// <summary>
/// Work of many tenants, each with many client networks. The next is of the tenant whose work has cost least since it began to wait, and
/// within it of the network of which the same is true. Not thread-safe.
/// </summary>
internal sealed class FairQueue
{
    private readonly Turns<string, Turns<IPAddress, Queue<SlotWork>>> _tenants = new();

    public int Count { get; private set; }

    /// <summary>How much is waiting that has tenant and network in common with <paramref name="work"/>.</summary>
    public int CountOf(SlotWork work) => _tenants.Find(work.Tenant)?.Find(work.Network)?.Count ?? 0;

    public void Enqueue(SlotWork work)
    {
        _tenants.Take(work.Tenant).Take(work.Network).Enqueue(work);
        Count++;
    }

    public SlotWork Dequeue()
    {
        var tenant = _tenants.Cheapest();
        var network = tenant.Waiting.Cheapest();
        var work = network.Waiting.Dequeue();
        Count--;
        tenant.Waiting.Charge(network, work.Cost, network.Waiting.Count == 0);
        _tenants.Charge(tenant, work.Cost, tenant.Waiting.IsEmpty);
        return work;
    }

    /// <summary>Those that wait, with what each has cost. A newcomer starts at the least cost of the others, without credit.</summary>
    private sealed class Turns<TKey, TWaiting>
        where TKey : notnull
        where TWaiting : new()
    {
        private readonly Dictionary<TKey, Turn> _all = [];
        private long _least;

        public bool IsEmpty => _all.Count == 0;

        public TWaiting? Find(TKey key) => _all.TryGetValue(key, out var turn) ? turn.Waiting : default;

        public TWaiting Take(TKey key)
        {
            if (!_all.TryGetValue(key, out var turn))
            {
                _all[key] = turn = new Turn(key) { Cost = _least };
            }

            return turn.Waiting;
        }

        public Turn Cheapest()
        {
            var cheapest = _all.Values.MinBy(turn => turn.Cost)!;
            _least = cheapest.Cost;
            return cheapest;
        }

        public void Charge(Turn turn, long cost, bool isDone)
        {
            turn.Cost += cost;
            if (isDone)
            {
                _all.Remove(turn.Key);
            }
        }

        public sealed class Turn(TKey key)
        {
            public TKey Key => key;

            public TWaiting Waiting { get; } = new();

            public long Cost { get; set; }
        }
    }
}
