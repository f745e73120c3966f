using Microsoft.AspNetCore.Components;

namespace Halley.Server.AdminWeb.Browser;

/// <summary>A page that shows the state of the server and refreshes it while it is open and a person can see it.</summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(4);
    private readonly CancellationTokenSource _closed = new();

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    [Inject]
    private PageVisibility Visibility { get; set; } = default!;

    /// <summary>Cancelled when the user leaves the page.</summary>
    protected CancellationToken Closed => _closed.Token;

    /// <summary>Why the last load failed; null if it succeeded.</summary>
    protected string? LoadProblem { get; private set; }

    /// <summary>Loads everything the page shows.</summary>
    protected abstract Task LoadAsync();

    protected override async Task OnInitializedAsync()
    {
        await RefreshAsync();
        if (RendererInfo.IsInteractive)
        {
            _ = KeepFreshAsync();
        }
    }

    protected async Task RefreshAsync()
    {
        try
        {
            await LoadAsync();
            LoadProblem = null;
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
            // The page was left.
        }
#pragma warning disable CA1031 // the boundary of the page: what is on the screen stays, with a note that it is old
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LoadProblem = failure.Message;
        }
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing && !_closed.IsCancellationRequested)
        {
            _closed.Cancel();
            _closed.Dispose();
        }
    }

    private async Task KeepFreshAsync()
    {
        var closed = _closed.Token;
        var pause = ShortestPause;
        try
        {
            while (!closed.IsCancellationRequested)
            {
                await Task.Delay(pause, Time, closed);
                await Visibility.Shown.WaitAsync(closed);
                var start = Time.GetTimestamp();
                await InvokeAsync(RefreshAsync);
                await InvokeAsync(StateHasChanged);
                // On a server with very many buckets, loading takes at most a twentieth of the time, so open pages don't keep it busy.
                var next = 20 * Time.GetElapsedTime(start);
                pause = next > ShortestPause ? next : ShortestPause;
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
        catch (ObjectDisposedException)
        {
            // The page was left between two steps.
        }
    }
}
