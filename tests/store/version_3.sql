-- A store as version 3 of the schema left it: one queued run of ada's, her key of the service, and her sweep.
BEGIN TRANSACTION;
CREATE TABLE api_keys (
	id VARCHAR(16) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	tier VARCHAR(16) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	budget BIGINT, 
	rate INTEGER, 
	spent BIGINT NOT NULL, 
	created FLOAT NOT NULL, 
	revoked FLOAT, 
	blocked FLOAT, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "api_keys" VALUES('58ccbea20d8a85e6','ada','partner','624816d646636fdefb09ae1c30925c63bfc9fae1391bdb60d67745fefec70b27',NULL,NULL,0,1.79552243179041647914e+09,NULL,NULL,'');
CREATE TABLE artifacts (
	run_id VARCHAR(32) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	PRIMARY KEY (run_id, name), 
	FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
);
CREATE TABLE frames (
	run_id VARCHAR(32) NOT NULL, 
	step INTEGER NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	loss FLOAT, 
	PRIMARY KEY (run_id, step), 
	FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
);
CREATE TABLE inversion_schema (
	version INTEGER NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "inversion_schema" VALUES(3);
CREATE TABLE owners (
	run_id VARCHAR(32) NOT NULL, 
	owner VARCHAR(128) NOT NULL, 
	joined FLOAT NOT NULL, 
	PRIMARY KEY (run_id, owner), 
	FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
);
INSERT INTO "owners" VALUES('34c6ea0c4d6166ce678c877764d9079f','ada',1.7955224317355816364e+09);
CREATE TABLE points (
	run_id VARCHAR(32) NOT NULL, 
	phase VARCHAR(32) NOT NULL, 
	step INTEGER NOT NULL, 
	loss FLOAT, 
	PRIMARY KEY (run_id, phase, step), 
	FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
);
CREATE TABLE query_log (
	id INTEGER NOT NULL, 
	time FLOAT NOT NULL, 
	service VARCHAR(64) NOT NULL, 
	key_id VARCHAR(16) NOT NULL, 
	endpoint VARCHAR(64) NOT NULL, 
	rows INTEGER NOT NULL, 
	status INTEGER NOT NULL, 
	code VARCHAR(32) NOT NULL, 
	seconds FLOAT NOT NULL, 
	labels BLOB NOT NULL, 
	signatures BLOB NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE runs (
	id VARCHAR(32) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	slot VARCHAR(64), 
	scenario TEXT NOT NULL, 
	attack VARCHAR(64) NOT NULL, 
	target VARCHAR(64) NOT NULL, 
	owner VARCHAR(128) NOT NULL, 
	rank INTEGER NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	phase VARCHAR(32) NOT NULL, 
	step INTEGER NOT NULL, 
	total INTEGER NOT NULL, 
	loss FLOAT, 
	note TEXT NOT NULL, 
	error TEXT NOT NULL, 
	log TEXT NOT NULL, 
	result TEXT, 
	attempt INTEGER NOT NULL, 
	losses INTEGER NOT NULL, 
	worker VARCHAR(255) NOT NULL, 
	cancelled FLOAT, 
	created FLOAT NOT NULL, 
	started FLOAT, 
	phase_started FLOAT, 
	finished FLOAT, 
	heartbeat FLOAT, 
	label TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (slot)
);
INSERT INTO "runs" VALUES('34c6ea0c4d6166ce678c877764d9079f','9c59243de8bb3352bb5f8f80dfab0f74f38079c49b50775f40abf23f1819d37e','9c59243de8bb3352bb5f8f80dfab0f74f38079c49b50775f40abf23f1819d37e','{"dataset":{"name":"people","options":{},"path":null},"target":{"name":"softmax","params":{},"defences":[]},"exposure":{"access":"white-box","query_budget":null,"defences":[],"knowledge":null},"attack":{"name":"mi-face","params":{}},"victims":"all","seed":0}','mi-face','softmax','ada',0,'queued','',0,0,NULL,'','','',NULL,0,0,'',NULL,1.7955224317355816364e+09,NULL,NULL,NULL,NULL,'');
CREATE TABLE sweep_keys (
	sweep_id VARCHAR(32) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	PRIMARY KEY (sweep_id, "key"), 
	FOREIGN KEY(sweep_id) REFERENCES sweeps (id) ON DELETE CASCADE
);
INSERT INTO "sweep_keys" VALUES('55555555555555555555555555555555','9c59243de8bb3352bb5f8f80dfab0f74f38079c49b50775f40abf23f1819d37e');
CREATE TABLE sweeps (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	spec TEXT NOT NULL, 
	owner VARCHAR(128) NOT NULL, 
	created FLOAT NOT NULL, 
	cancelled FLOAT, 
	PRIMARY KEY (id)
);
INSERT INTO "sweeps" VALUES('55555555555555555555555555555555','three seeds','{"name": "three seeds"}','ada',1.79554779478180265425e+09,NULL);
CREATE INDEX ix_runs_state ON runs (state);
CREATE INDEX history ON runs (attack, target, state, finished);
CREATE INDEX ix_runs_created ON runs (created);
CREATE INDEX ix_runs_owner ON runs (owner);
CREATE INDEX queue_order ON runs (state, rank, created);
CREATE INDEX ix_runs_key ON runs ("key");
CREATE INDEX queries_of_key ON query_log (key_id, id);
CREATE INDEX ix_query_log_time ON query_log (time);
CREATE INDEX ix_owners_owner ON owners (owner);
CREATE INDEX ix_frames_sha256 ON frames (sha256);
CREATE INDEX ix_artifacts_sha256 ON artifacts (sha256);
CREATE INDEX ix_sweeps_owner ON sweeps (owner);
CREATE INDEX ix_sweeps_created ON sweeps (created);
COMMIT;
