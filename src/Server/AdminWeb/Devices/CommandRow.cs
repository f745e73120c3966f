namespace Halley.Server.AdminWeb.Devices;

/// <summary>A command as the page of its device shows it.</summary>
public sealed record CommandRow(Guid Id, string Title, string State, string Message, string Actor, DateTime CreatedAt, DateTime ExpiresAt, DateTime? EndedAt);
