using Halley.EndToEnd.Tests.AdminWeb;
using Halley.EndToEnd.Tests.Live;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Halley.EndToEnd.Tests.LongestFirst", "Halley.EndToEnd.Tests")]

namespace Halley.EndToEnd.Tests;

/// <summary>Which scenarios run beside others. Every class without a lane here is a lane of its own.</summary>
public static class Lanes
{
    /// <summary>All tests of pages, one after the other, because they share a server and a browser.</summary>
    public const string Pages = "pages";
}

[CollectionDefinition(Lanes.Pages)]
public sealed class PagesLane : ICollectionFixture<PageServer>;

/// <summary>Begins with the lanes that take longest, so that at the end no core waits for one of them.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Longest =
    [
        Lanes.Pages, nameof(TwoInstancesTests), nameof(BackupCycleTests), nameof(VolumeWorkTests), nameof(TransferTests),
        nameof(MovingFilesTests), nameof(DifficultNetworkTests), nameof(KeyModeTests), nameof(ProxyTests),
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => PlaceOf(collection.DisplayName));

    private static int PlaceOf(string lane) =>
        Array.FindIndex(Longest, name => lane.Contains(name, StringComparison.Ordinal)) is >= 0 and var place ? place : Longest.Length;
}
