using Halley.Server.AdminWeb.Browser;

namespace Halley.Server.Tests.AdminWeb;

public sealed class ListPositionTests
{
    [Fact]
    public void Pages_are_turned_forward_and_back_and_another_search_begins_with_the_first()
    {
        var position = new ListPosition<string?> { Next = "m" };

        position.Forward();
        Assert.Equal(("m", null, 2), (position.Start, position.Next, position.Number));
        position.Forward(); // pressed again before the page was loaded
        Assert.Equal(("m", 2), (position.Start, position.Number));

        position.Next = "z";
        position.Forward();
        position.Back();
        Assert.Equal(("m", null, 2), (position.Start, position.Next, position.Number));

        position.Restart();
        Assert.Equal((null, null, 1), (position.Start, position.Next, position.Number));
        position.Back();
        Assert.Equal(1, position.Number);
    }
}
