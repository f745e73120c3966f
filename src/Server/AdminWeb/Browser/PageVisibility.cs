using Microsoft.JSInterop;

namespace Halley.Server.AdminWeb.Browser;

/// <summary>
/// Whether a person can see the pages of a circuit. The browser reports when its tab goes to the background and comes back.
/// </summary>
public sealed class PageVisibility
{
    private volatile TaskCompletionSource? _hidden;

    /// <summary>Completed while the page is shown, or as soon as it is again.</summary>
    public Task Shown => _hidden?.Task ?? Task.CompletedTask;

    [JSInvokable]
    public void Show(bool isShown)
    {
        if (isShown)
        {
            Interlocked.Exchange(ref _hidden, null)?.SetResult();
        }
        else
        {
            Interlocked.CompareExchange(ref _hidden, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), null);
        }
    }
}
