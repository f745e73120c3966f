namespace Halley.Server.AuthRole.Reports;

/// <summary>A report, ready to be sent: the same content twice, as HTML without anything from outside and as plain text.</summary>
internal sealed record Report(string Subject, string Html, string Text);
