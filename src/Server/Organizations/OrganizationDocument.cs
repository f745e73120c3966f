using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Protocol.Organizations;
using Microsoft.AspNetCore.DataProtection;

namespace Halley.Server.Organizations;

/// <summary>Converts an organization's row to the vendor's document and back.</summary>
internal sealed class OrganizationDocument(IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("Halley.Organizations");

    public Organization Read(StoredOrganization organization)
    {
        var document = JsonSerializer.Deserialize<Organization>(_protector.Unprotect(organization.Document), CometJson.Options)!;
        document.Name = organization.Name;
        document.IsSuspended = organization.IsSuspended;
        document.Hosts = [.. organization.Hosts.Select(host => host.Name).Order(StringComparer.Ordinal)];
        return document;
    }

    public byte[] Seal(Organization document) => _protector.Protect(JsonSerializer.SerializeToUtf8Bytes(document, CometJson.Options));
}
