using System.Net;
using Halley.Server.Credentials;

namespace Halley.Server.Tests.Credentials;

/// <summary>The order in which waiting work is done.</summary>
public sealed class FairQueueTests
{
    private readonly FairQueue _queue = new();

    [Fact]
    public void Expensive_work_of_one_tenant_does_not_hold_up_the_others()
    {
        for (var i = 0; i < 100; i++)
        {
            Add("greedy", network: 1, cost: 8 * 16_384);
        }

        Assert.Equal("greedy", _queue.Dequeue().Tenant);
        for (var i = 0; i < 50; i++)
        {
            Add("", network: 2 + (i % 5), cost: 1024);
        }

        var first = Enumerable.Range(0, 51).Select(_ => _queue.Dequeue()).ToList();
        Assert.InRange(first.Count(work => work.Tenant.Length > 0), 1, 2);
    }

    [Fact]
    public void Networks_of_a_tenant_take_turns_by_cost()
    {
        for (var i = 0; i < 100; i++)
        {
            Add("", network: 1, cost: 1024);
        }

        _queue.Dequeue();
        Add("", network: 2, cost: 1024);
        Add("", network: 2, cost: 1024);

        var first = Enumerable.Range(0, 4).Select(_ => _queue.Dequeue().Network).ToList();
        Assert.Equal(2, first.Count(network => network.Equals(Network(2))));
    }

    [Fact]
    public void Everything_is_done_once()
    {
        for (var i = 0; i < 300; i++)
        {
            Add($"{i % 3}", network: i % 7, cost: i);
        }

        var done = new HashSet<SlotWork>();
        while (_queue.Count > 0)
        {
            Assert.True(done.Add(_queue.Dequeue()));
        }

        Assert.Equal(300, done.Count);
    }

    private static IPAddress Network(int number) => new([192, 0, 2, (byte)number]);

    private void Add(string tenant, int network, long cost) => _queue.Enqueue(new SlotWork(tenant, Network(network), cost, () => _ = cost));
}
