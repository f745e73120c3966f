using System.Text.Json;
using System.Text.RegularExpressions;
using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.BackupJobs.Search;
using Halley.Testing;

namespace Halley.Server.Tests.AuthRole.BackupJobs;

public class JobSearchTests(RoleServers servers) : IClassFixture<RoleServers>
{
    private const int Seed = 20261123;
    private static readonly string[] Words = ["", "alpha", "Alpha", "beta", "ALPHABET", "ä-ö", "a.b"];
    private static readonly string[] TextFields = ["DeviceID", "SourceGUID", "Tags", "ClientVersion", "SnapshotID"];
    private static readonly string[] NumberFields =
        ["Status", "Classification", "StartTime", "EndTime", "UploadSize", "TotalChunks", "TimeSinceStarted"];

    private static readonly string[] TextOperators =
    [
        "str_eq", "str_neq", "str_contains", "str_ncontains", "str_startswith", "str_nstartswith", "str_endswith", "str_nendswith",
        "str_regexmatch",
        "str_nregexmatch",
    ];

    private static readonly string[] NumberOperators =
        ["int_eq", "int_neq", "int_gt", "int_gte", "int_lt", "int_lte", "bool_is", "bool_nis"];

    [Theory]
    [DatabaseData]
    public async Task Random_searches_find_what_a_simple_look_at_every_job_finds(TestDatabase database)
    {
        var server = await servers.StartAsync(database);
        var owner = await server.AddAccountAsync();
        var random = new Random(Seed);
        var jobs = new List<BackupJobDetail>();
        for (var count = 0; count < 120; count++)
        {
            jobs.Add(await server.ReportAsync(owner, RandomJob(random)));
        }

        var list = server.Host.Service<JobStore>();
        var scope = server.Everything with { AccountId = owner.AccountId };
        var exact = 0;
        for (var round = 0; round < 150; round++)
        {
            var clause = RandomClause(random, depth: 0);
            var text = $"seed {Seed}, round {round}: {JsonSerializer.Serialize(clause, CometJson.Options)}";
            // Time that passes would change the answer on the way: what is compared is far from now.
            var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
            Assert.True(JobSearch.Parse(clause, now).TryGet(out var search, out var refusal), $"{text}: {refusal?.Reason}");
            var expected = jobs.Where(job => Oracle(clause, job, now)).Select(job => job.GUID).Order(StringComparer.Ordinal).ToList();
            var found = new List<string>();
            await foreach (var job in list.SearchAsync(scope, search, default))
            {
                found.Add(JobDocument.Read(job.Document).GUID);
            }

            Assert.True(
                expected.SequenceEqual(found.Order(StringComparer.Ordinal)), $"{text}: {expected.Count} expected, {found.Count} found");
            Assert.Equal(expected.Count, await list.CountAsync(scope, search, default));
            exact += search.IsExact ? 1 : 0;
        }

        Assert.InRange(exact, 5, 149);
    }

    [Theory]
    [InlineData("BackupJobDetail.Nothing", "str_eq", "", "RuleField")]
    [InlineData("BackupJobDetail.Username", "like", "", "RuleOperator")]
    [InlineData("BackupJobDetail.Username", "str_", "", "RuleOperator")]
    [InlineData("BackupJobDetail.Username", "str_regexmatch_ci", "", "RuleOperator")]
    [InlineData("BackupJobDetail.Username", "int_eq", "1", "is text")]
    [InlineData("BackupJobDetail.Status", "int_eq", "five", "whole number")]
    [InlineData("BackupJobDetail.Status", "bool_is", "maybe", "true or false")]
    [InlineData("BackupJobDetail.Username", "str_regexmatch", "(?=a)", "RE2")]
    [InlineData("BackupJobDetail.Username", "str_regexmatch", @"(a)\1", "RE2")]
    [InlineData("BackupJobDetail.Username", "str_regexmatch", "(", "RE2")]
    public async Task A_search_that_makes_no_sense_is_refused_with_the_reason(string field, string @operator, string value, string says)
    {
        var server = await servers.StartAsync(TestDatabase.Sqlite);
        var clause = JsonSerializer.Serialize(
            new SearchClause { RuleField = field, RuleOperator = @operator, RuleValue = value }, CometJson.Options);

        var answer = await server.CallAsync("count-jobs-for-custom-search", ("Query", clause));

        Assert.Equal(400, answer.GetProperty("Status").GetInt32());
        Assert.Contains(says, answer.GetProperty("Message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_search_has_limits_of_depth_and_size()
    {
        var deep = new SearchClause { ClauseType = "and" };
        for (var level = 0; level < 25; level++)
        {
            deep = new SearchClause { ClauseType = "and", ClauseChildren = [deep] };
        }

        var wide = new SearchClause { ClauseType = "or", ClauseChildren = [.. Enumerable.Range(0, 600).Select(_ => new SearchClause())] };

        Assert.Contains("levels", JobSearch.Parse(deep, 0).Refusal!.Reason, StringComparison.Ordinal);
        Assert.Contains("clauses", JobSearch.Parse(wide, 0).Refusal!.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(@"^\d+$", "123", true)]
    [InlineData(@"^\d+$", "12\n", false)]
    [InlineData(@"^\d+$", "١٢", false)]
    [InlineData(@"^[[:alpha:]]+$", "abc", true)]
    [InlineData(@"^[[:alpha:]-]+$", "a-c", true)]
    [InlineData(@"^[[:^alpha:]]+$", "abc", null)]
    [InlineData(@"\Qa.b\E", "xa.bx", true)]
    [InlineData(@"\Qa.b\E", "xaxbx", false)]
    [InlineData(@"(?P<name>ab)+", "abab", true)]
    [InlineData(@"^\pL+$", "äö", true)]
    [InlineData(@"^\x{e4}$", "ä", true)]
    [InlineData(@"^[]a]+$", "]a", true)]
    [InlineData(@"(?i)ALPHA", "alphabet", true)]
    [InlineData(@"(?m)^b$", "a\nb\nc", true)]
    [InlineData("(?<!a)b", "b", null)]
    [InlineData("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", false)]
    public void Expressions_mean_what_they_mean_in_re2(string pattern, string text, bool? matches) =>
        Assert.Equal(matches, Re2Pattern.Parse(pattern, out _)?.IsMatch(text));

    private static BackupJobDetail RandomJob(Random random)
    {
        string Word() => Words[random.Next(Words.Length)];
        var job = RoleServer.Job(
            random.Next(4) switch { 0 => JobStatus.Running, 1 => JobStatus.Success, 2 => JobStatus.Warning, _ => JobStatus.Error });
        (job.DeviceID, job.Tags, job.ClientVersion, job.SnapshotID) = (Word(), Word(), Word(), Word());
        // Each with a vault of its own, so that none is taken for the same one started anew.
        (job.SourceGUID, job.DestinationGUID) = (Word(), job.GUID);
        job.StartTime -= random.Next(5);
        (job.UploadSize, job.TotalChunks) = (random.Next(4), random.Next(3));
        return job;
    }

    private static SearchClause RandomClause(Random random, int depth)
    {
        if (depth < 3 && random.Next(10) < 6 - depth)
        {
            string[] types = ["and", "or", "not_and", "not_or"];
            return new SearchClause
            {
                ClauseType = types[random.Next(types.Length)],
                ClauseChildren = [.. Enumerable.Range(0, random.Next(4)).Select(_ => RandomClause(random, depth + 1))],
            };
        }

        if (random.Next(2) == 0)
        {
            var @operator = TextOperators[random.Next(TextOperators.Length)];
            return new SearchClause
            {
                RuleField = $"BackupJobDetail.{TextFields[random.Next(TextFields.Length)]}",
                RuleOperator = @operator.EndsWith("match", StringComparison.Ordinal) || random.Next(2) == 0 ? @operator : @operator + "_ci",
                RuleValue = Words[random.Next(Words.Length)],
            };
        }

        var numeric = NumberOperators[random.Next(NumberOperators.Length)];
        var field = NumberFields[random.Next(NumberFields.Length)];
        return new SearchClause
        {
            RuleField = $"BackupJobDetail.{field}",
            RuleOperator = numeric,
            RuleValue = numeric.StartsWith("bool", StringComparison.Ordinal) ? (random.Next(2) == 0 ? "true" : "0") : field switch
            {
                "Status" => "5000",
                "Classification" => "4001",
                "StartTime" or "EndTime" => (1_760_000_000 - random.Next(5)).ToString(System.Globalization.CultureInfo.InvariantCulture),
                "TimeSinceStarted" => "1000",
                _ => random.Next(3).ToString(System.Globalization.CultureInfo.InvariantCulture),
            },
        };
    }

    // Written from the description of the operators alone, on the document as callers get it.
    private static bool Oracle(SearchClause clause, BackupJobDetail job, long now)
    {
        switch (clause.ClauseType)
        {
            case "and": return clause.ClauseChildren.TrueForAll(child => Oracle(child, job, now));
            case "or": return clause.ClauseChildren.Exists(child => Oracle(child, job, now));
            case "not_and": return !clause.ClauseChildren.TrueForAll(child => Oracle(child, job, now));
            case "not_or": return !clause.ClauseChildren.Exists(child => Oracle(child, job, now));
        }

        var name = clause.RuleField.Split('.')[1];
        var json = JsonSerializer.SerializeToElement(job, CometJson.Options);
        var field = json.TryGetProperty(name, out var value) ? value.ToString() : TextFields.Contains(name) ? "" : "0";
        field = name == "TimeSinceStarted" ? (now - job.StartTime).ToString(System.Globalization.CultureInfo.InvariantCulture) : field;
        var wanted = clause.RuleValue;
        if (clause.RuleOperator.StartsWith("int_", StringComparison.Ordinal))
        {
            var order = long.Parse(field, System.Globalization.CultureInfo.InvariantCulture)
                .CompareTo(long.Parse(wanted, System.Globalization.CultureInfo.InvariantCulture));
            return clause.RuleOperator switch
            {
                "int_eq" => order == 0,
                "int_neq" => order != 0,
                "int_gt" => order > 0,
                "int_gte" => order >= 0,
                "int_lt" => order < 0,
                _ => order <= 0,
            };
        }

        if (clause.RuleOperator.StartsWith("bool_", StringComparison.Ordinal))
        {
            return ((field != "0") == (wanted == "true")) == (clause.RuleOperator == "bool_is");
        }

        var parts = clause.RuleOperator.Split('_');
        var how = parts is [_, _, "ci"] ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        var negated = parts[1] is "neq" or "ncontains" or "nstartswith" or "nendswith" or "nregexmatch";
        var plain = negated ? parts[1][1..] : parts[1];
        return negated != plain switch
        {
            "eq" => string.Equals(field, wanted, how),
            "contains" => field.Contains(wanted, how),
            "startswith" => field.StartsWith(wanted, how),
            "endswith" => field.EndsWith(wanted, how),
            _ => Regex.IsMatch(field, wanted, RegexOptions.CultureInvariant),
        };
    }
}
