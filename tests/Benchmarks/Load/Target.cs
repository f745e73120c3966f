using System.Text;

namespace Halley.Benchmarks.Load;

/// <summary>Where requests go and how they look.</summary>
/// <param name="Server">Scheme, host and port.</param>
/// <param name="Folder">Path of the folder with the files, beginning and ending with a slash.</param>
/// <param name="UploadMethod">POST for restic REST servers, PUT for WebDAV.</param>
/// <param name="Credentials">User name and password, or null.</param>
internal sealed record Target(Uri Server, string Folder, string UploadMethod = "POST", string? Credentials = null)
{
    /// <summary>The request up to and including the empty line after the headers.</summary>
    public string Head(string method, string name, string moreHeaders = "")
    {
        var authorization = Credentials is null
            ? ""
            : $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(Credentials))}\r\n";
        return $"{method} {Folder}{name} HTTP/1.1\r\nHost: {Server.Authority}\r\n{authorization}{moreHeaders}\r\n";
    }
}
