using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Halley.Server.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class MovingVolumes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "TrashBytes",
                table: "Volumes",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "TrashFiles",
                table: "Volumes",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "HardQuotaBytes",
                table: "Organizations",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "QuotaLevel",
                table: "Organizations",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "SoftQuotaBytes",
                table: "Organizations",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "FrozenAt",
                table: "Buckets",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "HardQuotaBytes",
                table: "Buckets",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "HoldBeforeUntil",
                table: "Buckets",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "HoldDays",
                table: "Buckets",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "HoldDaysBefore",
                table: "Buckets",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<bool>(
                name: "IsBrakeOff",
                table: "Buckets",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<DateTime>(
                name: "LowerHoldAskedAt",
                table: "Buckets",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "LowerHoldTo",
                table: "Buckets",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "QuotaLevel",
                table: "Buckets",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "SoftQuotaBytes",
                table: "Buckets",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "TrashBytes",
                table: "Buckets",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "TrashFiles",
                table: "Buckets",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateTable(
                name: "BucketDays",
                columns: table => new
                {
                    BucketId = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Day = table.Column<DateOnly>(type: "TEXT", nullable: false),
                    Bytes = table.Column<long>(type: "INTEGER", nullable: false),
                    Files = table.Column<long>(type: "INTEGER", nullable: false),
                    TrashBytes = table.Column<long>(type: "INTEGER", nullable: false),
                    DeletedFiles = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_BucketDays", x => new { x.BucketId, x.Day });
                });

            migrationBuilder.CreateTable(
                name: "HoldClockMarks",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    From = table.Column<DateTime>(type: "TEXT", nullable: false),
                    Until = table.Column<DateTime>(type: "TEXT", nullable: false),
                    LagTicks = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_HoldClockMarks", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "ScrubFindings",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    Kind = table.Column<int>(type: "INTEGER", nullable: false),
                    State = table.Column<int>(type: "INTEGER", nullable: false),
                    VolumeId = table.Column<Guid>(type: "TEXT", nullable: false),
                    BucketId = table.Column<string>(type: "TEXT", maxLength: 255, nullable: false),
                    Part = table.Column<int>(type: "INTEGER", nullable: false),
                    Path = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: false),
                    Bytes = table.Column<long>(type: "INTEGER", nullable: true),
                    ExpectedHash = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    ActualHash = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    Reason = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: false),
                    KeptAs = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: true),
                    FoundAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    ClosedAt = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ScrubFindings", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "ScrubTimes",
                columns: table => new
                {
                    VolumeId = table.Column<Guid>(type: "TEXT", nullable: false),
                    BucketId = table.Column<string>(type: "TEXT", maxLength: 255, nullable: false),
                    Times = table.Column<byte[]>(type: "BLOB", nullable: false),
                    OldestAt = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ScrubTimes", x => new { x.VolumeId, x.BucketId });
                    table.ForeignKey(
                        name: "FK_ScrubTimes_Volumes_VolumeId",
                        column: x => x.VolumeId,
                        principalTable: "Volumes",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Tasks",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    Kind = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    Subject = table.Column<string>(type: "TEXT", maxLength: 255, nullable: false),
                    Parameters = table.Column<string>(type: "TEXT", nullable: false),
                    Checkpoint = table.Column<string>(type: "TEXT", nullable: true),
                    State = table.Column<int>(type: "INTEGER", nullable: false),
                    FilesDone = table.Column<long>(type: "INTEGER", nullable: false),
                    FilesTotal = table.Column<long>(type: "INTEGER", nullable: true),
                    BytesDone = table.Column<long>(type: "INTEGER", nullable: false),
                    BytesTotal = table.Column<long>(type: "INTEGER", nullable: true),
                    MaxBytesPerSecond = table.Column<long>(type: "INTEGER", nullable: true),
                    Problem = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: true),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    CreatedBy = table.Column<string>(type: "TEXT", maxLength: 255, nullable: false),
                    EndedAt = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Tasks", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "TaskLog",
                columns: table => new
                {
                    Sequence = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    TaskId = table.Column<Guid>(type: "TEXT", nullable: false),
                    At = table.Column<DateTime>(type: "TEXT", nullable: false),
                    Text = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TaskLog", x => x.Sequence);
                    table.ForeignKey(
                        name: "FK_TaskLog_Tasks_TaskId",
                        column: x => x.TaskId,
                        principalTable: "Tasks",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_BucketDays_Day",
                table: "BucketDays",
                column: "Day");

            migrationBuilder.CreateIndex(
                name: "IX_ScrubFindings_State_FoundAt_Id",
                table: "ScrubFindings",
                columns: new[] { "State", "FoundAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_ScrubFindings_VolumeId_BucketId_Part",
                table: "ScrubFindings",
                columns: new[] { "VolumeId", "BucketId", "Part" });

            migrationBuilder.CreateIndex(
                name: "IX_ScrubTimes_BucketId",
                table: "ScrubTimes",
                column: "BucketId");

            migrationBuilder.CreateIndex(
                name: "IX_TaskLog_TaskId_Sequence",
                table: "TaskLog",
                columns: new[] { "TaskId", "Sequence" });

            migrationBuilder.CreateIndex(
                name: "IX_Tasks_CreatedAt_Id",
                table: "Tasks",
                columns: new[] { "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Tasks_State",
                table: "Tasks",
                column: "State");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "BucketDays");

            migrationBuilder.DropTable(
                name: "HoldClockMarks");

            migrationBuilder.DropTable(
                name: "ScrubFindings");

            migrationBuilder.DropTable(
                name: "ScrubTimes");

            migrationBuilder.DropTable(
                name: "TaskLog");

            migrationBuilder.DropTable(
                name: "Tasks");

            migrationBuilder.DropColumn(
                name: "TrashBytes",
                table: "Volumes");

            migrationBuilder.DropColumn(
                name: "TrashFiles",
                table: "Volumes");

            migrationBuilder.DropColumn(
                name: "HardQuotaBytes",
                table: "Organizations");

            migrationBuilder.DropColumn(
                name: "QuotaLevel",
                table: "Organizations");

            migrationBuilder.DropColumn(
                name: "SoftQuotaBytes",
                table: "Organizations");

            migrationBuilder.DropColumn(
                name: "FrozenAt",
                table: "Buckets");

            migrationBuilder.DropColumn(
                name: "HardQuotaBytes",
                table: "Buckets");

            migrationBuilder.DropColumn(
                name: "HoldBeforeUntil",
                table: "Buckets");

            migrationBuilder.DropColumn(
                name: "HoldDays",
                table: "Buckets");

            migrationBuilder.DropColumn(
                name: "HoldDaysBefore",
                table: "Buckets");

            migrationBuilder.DropColumn(
                name: "IsBrakeOff",
                table: "Buckets");

            migrationBuilder.DropColumn(
                name: "LowerHoldAskedAt",
                table: "Buckets");

            migrationBuilder.DropColumn(
                name: "LowerHoldTo",
                table: "Buckets");

            migrationBuilder.DropColumn(
                name: "QuotaLevel",
                table: "Buckets");

            migrationBuilder.DropColumn(
                name: "SoftQuotaBytes",
                table: "Buckets");

            migrationBuilder.DropColumn(
                name: "TrashBytes",
                table: "Buckets");

            migrationBuilder.DropColumn(
                name: "TrashFiles",
                table: "Buckets");
        }
    }
}
