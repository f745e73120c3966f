namespace Halley.Server.ApiDocuments;

/// <summary>The documents of the APIs (<c>Halley:ApiDocuments</c>).</summary>
internal sealed class ApiDocumentsOptions
{
    /// <summary>False switches <c>/swagger</c> off.</summary>
    public bool Enabled { get; set; } = true;
}
