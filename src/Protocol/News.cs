namespace Halley.Protocol;

/// <summary>Requests a news item, which clients and the users' page show.</summary>
/// <param name="Text">The text, 1 to 10 000 characters.</param>
/// <param name="OrganizationId">Organization whose users see it; null or empty for the caller's own.</param>
public sealed record CreateNews(string? Text, string? OrganizationId = null);

/// <summary>A news item.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Text">The text.</param>
/// <param name="OrganizationId">Organization whose users see it; empty for the top level.</param>
/// <param name="At">UTC time at which it was submitted.</param>
public sealed record NewsInfo(string Id, string Text, string OrganizationId, DateTime At);
