using System.Collections.Frozen;
using System.Net;
using Halley.Server.Tasks;
using IPNetwork = System.Net.IPNetwork;

namespace Halley.Server.StorageRole.BandwidthLimits;

/// <summary>
/// All limits as uploads and downloads see them, in memory. A change replaces <see cref="Current"/> and applies from the next slice on.
/// </summary>
internal sealed class LimitsInForce(ForegroundLoad load, TimeProvider time)
{
    private volatile LimitSet? _current;

    /// <summary>The limits; null without any, which then costs nothing.</summary>
    public LimitSet? Current => _current;

    public void Replace(IReadOnlyCollection<BandwidthLimit> limits) =>
        _current = limits.Count == 0 ? null : new LimitSet(limits, _current, time);

    /// <summary>The throttle of an upload or download; null without limits.</summary>
    public Throttle? Throttle(string bucketId, IPAddress? client, bool isUpload) =>
        _current is null ? null : new Throttle(this, bucketId, client is null ? null : ClientNetwork.Plain(client), isUpload, load, time);
}

/// <summary>The limits at one time.</summary>
internal sealed class LimitSet
{
    private readonly FrozenDictionary<string, SharedRate[]> _ofBuckets;
    private readonly (IPNetwork Network, SharedRate Rate)[] _ofNetworks;

    public LimitSet(IReadOnlyCollection<BandwidthLimit> limits, LimitSet? before, TimeProvider time)
    {
        var known = before?.All.ToDictionary(rate => rate.Id) ?? [];
        var rates = limits.ToDictionary(
            limit => limit,
            limit => known.GetValueOrDefault(limit.Id) is { } same && same.IsSameAs(limit) ? same : new SharedRate(limit, time));
        All = [.. rates.Values];
        _ofBuckets = rates.Where(pair => pair.Key.BucketId is not null).GroupBy(pair => pair.Key.BucketId!, pair => pair.Value)
            .ToFrozenDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
        _ofNetworks =
            [.. rates.Where(pair => pair.Key.Network is not null).Select(pair => (IPNetwork.Parse(pair.Key.Network!), pair.Value))];
    }

    public IReadOnlyList<SharedRate> All { get; }

    public SharedRate[] Of(string bucketId, IPAddress? client, bool isUpload)
    {
        var ofBucket = _ofBuckets.GetValueOrDefault(bucketId) ?? [];
        var ofNetworks = client is null ? [] : _ofNetworks.Where(one => one.Network.Contains(client)).Select(one => one.Rate);
        return [.. ofBucket.Concat(ofNetworks).Where(rate => rate.IsFor(isUpload))];
    }
}
