using MudBlazor;

namespace Halley.Server.AdminWeb.Layout;

/// <summary>Colors and fonts of the pages. The fonts are those of the system, so nothing has to be loaded.</summary>
internal static class HalleyTheme
{
    private static readonly string[] Fonts =
        ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Cantarell", "Noto Sans", "DejaVu Sans", "Helvetica Neue", "Arial",
            "sans-serif"];

    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#2f5fe0",
            Secondary = "#5b6478",
            Info = "#2f5fe0",
            Success = "#15803d",
            Warning = "#b45309",
            Error = "#c62828",
            Background = "#f5f6f9",
            Surface = "#ffffff",
            AppbarBackground = "#ffffff",
            AppbarText = "#161b26",
            DrawerBackground = "#ffffff",
            DrawerText = "#3a4255",
            DrawerIcon = "#5b6478",
            TextPrimary = "#161b26",
            TextSecondary = "#566074",
            TextDisabled = "#8a93a5",
            ActionDefault = "#566074",
            LinesDefault = "#e3e6ed",
            LinesInputs = "#aab1c0",
            TableLines = "#e9ebf1",
            Divider = "#e3e6ed",
            TableHover = "#f5f7fc",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#7aa2ff",
            PrimaryContrastText = "#0b1020",
            Secondary = "#a3adc2",
            Info = "#7aa2ff",
            InfoContrastText = "#0b1020",
            Success = "#4ade80",
            SuccessContrastText = "#06180c",
            Warning = "#fbbf24",
            WarningContrastText = "#1c1303",
            Error = "#ff8080",
            ErrorContrastText = "#1a0b0b",
            Black = "#0d1119",
            Background = "#0f131c",
            BackgroundGray = "#0b0f17",
            Surface = "#171c28",
            AppbarBackground = "#131824",
            AppbarText = "#e7eaf2",
            DrawerBackground = "#131824",
            DrawerText = "#c3cad9",
            DrawerIcon = "#a3adc2",
            TextPrimary = "#e7eaf2",
            TextSecondary = "#a3adc2",
            TextDisabled = "#6b7488",
            ActionDefault = "#a3adc2",
            LinesDefault = "#273043",
            LinesInputs = "#4a556d",
            TableLines = "#222a3a",
            Divider = "#273043",
            TableHover = "#1c2231",
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "8px", DrawerWidthLeft = "232px", AppbarHeight = "60px" },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = Fonts, FontSize = ".9rem", LineHeight = "1.5" },
            Body1 = new Body1Typography { FontFamily = Fonts, FontSize = ".9375rem", LineHeight = "1.5" },
            Body2 = new Body2Typography { FontFamily = Fonts, FontSize = ".875rem" },
            H6 = new H6Typography { FontFamily = Fonts, FontSize = "1.0625rem", FontWeight = "650" },
            Button = new ButtonTypography { FontFamily = Fonts, FontSize = ".875rem", FontWeight = "600", TextTransform = "none" },
            Subtitle1 = new Subtitle1Typography { FontFamily = Fonts },
            Subtitle2 = new Subtitle2Typography { FontFamily = Fonts },
            Caption = new CaptionTypography { FontFamily = Fonts },
        },
    };
}
