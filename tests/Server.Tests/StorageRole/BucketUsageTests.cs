using Halley.Server.StorageRole.Buckets;

namespace Halley.Server.Tests.StorageRole;

/// <summary>A measurement walks folders while files come and go, so it may or may not have seen each of them.</summary>
public class BucketUsageTests
{
    private readonly BucketUsage _usage = new(new UsageCount(1000, 2, null));

    [Theory]
    [InlineData(1000, 2)]
    [InlineData(1300, 3)]
    public void File_that_came_while_measuring_is_counted_once(long found, long files)
    {
        var before = _usage.Mark();
        _usage.Stored(300, DateTime.UnixEpoch);
        _usage.Measured(before, new UsageCount(found, files, null));

        Assert.Equal((1300, 3), (_usage.Now.Bytes, _usage.Now.Files));
    }

    [Theory]
    [InlineData(1000, 2)]
    [InlineData(1300, 3)]
    public void File_that_is_on_the_disk_and_not_counted_yet_is_counted_once(long found, long files)
    {
        _usage.Coming(300);
        _usage.Measured(_usage.Mark(), new UsageCount(found, files, null));
        _usage.Stored(300, DateTime.UnixEpoch);
        _usage.Came(300);

        Assert.Equal((1300, 3), (_usage.Now.Bytes, _usage.Now.Files));
    }

    [Theory]
    [InlineData(1000, 2)]
    [InlineData(600, 1)]
    public void File_that_is_off_the_disk_and_still_counted_leaves_once(long found, long files)
    {
        _usage.Leaving();
        _usage.Measured(_usage.Mark(), new UsageCount(found, files, null));
        _usage.Deleted(400, isHeld: false);
        _usage.Left();

        Assert.Equal((600, 1), (_usage.Now.Bytes, _usage.Now.Files));
    }

    [Fact]
    public void Files_copied_in_by_hand_are_found_though_others_came_meanwhile()
    {
        var before = _usage.Mark();
        _usage.Stored(300, DateTime.UnixEpoch);
        _usage.Measured(before, new UsageCount(6000, 7, null));

        Assert.Equal((6300, 8), (_usage.Now.Bytes, _usage.Now.Files));
    }

    [Fact]
    public void What_came_and_went_long_before_explains_nothing()
    {
        _usage.Stored(300, DateTime.UnixEpoch);
        _usage.Deleted(300, isHeld: false);
        _usage.Measured(_usage.Mark(), new UsageCount(700, 1, null));

        Assert.Equal((700, 1), (_usage.Now.Bytes, _usage.Now.Files));
    }
}
