using MudBlazor;

namespace Halley.Server.AdminWeb.Layout;

/// <summary>All dialogs behave alike: Esc closes them, a click beside them does not throw away what was typed.</summary>
internal static class Dialog
{
    public static DialogOptions Options { get; } = new()
    {
        CloseOnEscapeKey = true,
        BackdropClick = false,
        CloseButton = true,
        FullWidth = true,
        MaxWidth = MaxWidth.Small,
    };

    /// <summary>Asks before something that cannot be taken back.</summary>
    public static async Task<bool> AskAsync(IDialogService dialogs, string title, string question, string yes)
    {
        var parameters = new DialogParameters { [nameof(QuestionDialog.Question)] = question, [nameof(QuestionDialog.Yes)] = yes };
        var dialog = await dialogs.ShowAsync<QuestionDialog>(title, parameters, Options);
        return await dialog.Result is { Canceled: false };
    }
}
