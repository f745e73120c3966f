using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;

namespace Halley.Protocol.Settings;

/// <summary>How the server sends e-mail.</summary>
public class EmailOptions : CometDocument
{
    public string FromEmail { get; set; } = "";
    public string FromName { get; set; } = "";
    public string Mode { get; set; } = "";

    [OmitEmpty]
    public List<EmailReportingOption> EmailReportingOptions { get; set; } = [];

    [OmitEmpty]
    public string SMTPHost { get; set; } = "";

    [OmitEmpty]
    public long SMTPPort { get; set; }

    [OmitEmpty]
    public string SMTPUsername { get; set; } = "";

    [OmitEmpty]
    public string SMTPPassword { get; set; } = "";

    [OmitEmpty]
    public bool SMTPAllowInvalidCertificate { get; set; }

    [OmitEmpty]
    public bool SMTPAllowUnencrypted { get; set; }

    [OmitEmpty]
    public string SMTPCustomEhlo { get; set; } = "";
}

/// <summary>A report to administrators.</summary>
public class EmailReportingOption : CometDocument
{
    public EmailReportConfig EmailReportConfig { get; set; } = new();
    public string LanguageCode { get; set; } = "";
    public string LocalTimezone { get; set; } = "";
    public List<string> Recipients { get; set; } = [];
}

/// <summary>A report as it would be sent.</summary>
public class EmailReportGeneratedPreview : CometAnswer
{
    public string From { get; set; } = "";
    public List<string> To { get; set; } = [];
    public string EmailSubject { get; set; } = "";
    public string EmailBodyHTML { get; set; } = "";
    public string EmailBodyPlaintext { get; set; } = "";
}
