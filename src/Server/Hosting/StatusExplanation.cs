namespace Halley.Server.Hosting;

/// <summary>The code and advice for a bare status, if a part of the product knows more than the status says; otherwise null.</summary>
internal delegate (string Code, string Detail)? StatusExplanation(HttpContext context, int status);
