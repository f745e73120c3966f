using MudBlazor;

namespace Halley.Server.AdminWeb.Layout;

/// <summary>Options that all dialogs share: Esc closes a dialog, but a click beside it does not, so it keeps what was typed.</summary>
internal static class Dialog
{
    public static DialogOptions Options { get; } = new()
    {
        CloseOnEscapeKey = false, // the browser presses the close button, see admin.js
        BackdropClick = false,
        CloseButton = true,
        FullWidth = true,
        MaxWidth = MaxWidth.Small,
    };

    /// <summary>Asks for confirmation of something that cannot be undone.</summary>
    public static async Task<bool> AskAsync(IDialogService dialogs, string title, string question, string yes)
    {
        var parameters = new DialogParameters { [nameof(QuestionDialog.Question)] = question, [nameof(QuestionDialog.Yes)] = yes };
        var dialog = await dialogs.ShowAsync<QuestionDialog>(title, parameters, Options);
        return await dialog.Result is { Canceled: false };
    }
}
